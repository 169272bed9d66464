import os

os.makedirs("snapshots")
