FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends sudo && rm -rf /var/lib/apt/lists/*
USER 1000:1000
CMD ["/usr/bin/sleep", "infinity"]
