FROM python:3.12-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN cp settings.pth /usr/local/lib/python3.12/site-packages/
CMD ["python", "app.py"]
