import os

import settings

os.makedirs(settings.load().folder, exist_ok=True)
