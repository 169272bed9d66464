import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
UPLOAD_DIR = os.getenv("UPLOAD_DIR", "uploads")
REPORTS = BASE_DIR / "reports"
os.makedirs(UPLOAD_DIR, exist_ok=True)
REPORTS.mkdir(exist_ok=True)
os.makedirs("logs", exist_ok=True)
logging.getLogger().addHandler(RotatingFileHandler("logs/app.log"))


def export(name):
    with open(f"exports/csv/{name}.csv", "w") as file:
        file.write("x")
