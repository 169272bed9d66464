FROM debian:bookworm-slim
COPY clock /usr/local/bin/clock
# ironhull: ignore=init-process -- docker run --init
CMD ["/usr/local/bin/clock"]
