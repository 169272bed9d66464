FROM debian:12-slim
COPY watch /usr/local/bin/
RUN chown root /usr/local/bin/watch && chmod -v u=rwxs,go=rx /usr/local/bin/watch
USER 1000:1000
CMD ["/usr/bin/sleep", "infinity"]
