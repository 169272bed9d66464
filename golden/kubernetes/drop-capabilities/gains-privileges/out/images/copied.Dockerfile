FROM debian:12-slim
COPY --chmod=04755 watch /usr/local/bin/
USER 1000:1000
CMD ["/usr/bin/sleep", "infinity"]
