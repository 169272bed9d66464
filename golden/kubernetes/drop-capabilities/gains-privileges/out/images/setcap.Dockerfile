FROM debian:12-slim
COPY watch /usr/local/bin/
RUN /usr/sbin/setcap cap_net_raw+ep /usr/local/bin/watch
USER 1000:1000
CMD ["/usr/bin/sleep", "infinity"]
