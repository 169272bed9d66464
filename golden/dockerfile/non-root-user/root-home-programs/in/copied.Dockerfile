FROM debian:12-slim
COPY tools /root/tools
WORKDIR /app
COPY . .
CMD ["/app/start"]
