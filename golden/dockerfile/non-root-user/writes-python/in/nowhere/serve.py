import os
import sqlite3
import tempfile

# os.makedirs("comments")
memory = sqlite3.connect(":memory:")
scratch = os.path.join(tempfile.gettempdir(), "scratch")
os.makedirs(scratch, exist_ok=True)
with open("settings.json") as file:
    settings = file.read()


def save(path, text):
    with open(path, "w") as file:
        file.write(text)
