FROM debian:12-slim
RUN rm -rf ~/.cache && ~/.local/bin/fetch https://example.com/tool.tar.gz
WORKDIR /app
COPY . .
CMD ["/app/start"]
