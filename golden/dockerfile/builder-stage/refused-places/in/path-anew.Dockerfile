FROM python:3.12-slim
# whatever was in PATH before is not in it any more
ENV PATH=/srv/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "app.py"]
