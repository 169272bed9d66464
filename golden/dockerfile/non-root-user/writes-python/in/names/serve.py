import os

os.makedirs("uploads/by hand", exist_ok=True)
os.makedirs("uploads/$(id)", exist_ok=True)
os.makedirs("reports; id", exist_ok=True)
