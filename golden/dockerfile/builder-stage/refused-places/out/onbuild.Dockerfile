FROM python:3.12-slim
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
ONBUILD COPY settings.py .
CMD ["python", "app.py"]
