import os

from settings import folder

os.makedirs(folder, exist_ok=True)
