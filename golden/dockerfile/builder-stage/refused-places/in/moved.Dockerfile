FROM python:3.12-slim
ENV PIP_TARGET=/opt/packages PYTHONPATH=/opt/packages
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "app.py"]
