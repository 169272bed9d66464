FROM debian:12-slim
COPY --chmod=0755 watch /usr/local/bin/
RUN mkdir /var/watch && chmod 1777 /var/watch && chmod -R u-s,go+rX /usr/local/bin
USER 1000:1000
CMD ["/usr/bin/sleep", "infinity"]
