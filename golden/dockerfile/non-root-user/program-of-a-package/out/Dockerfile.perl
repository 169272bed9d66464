FROM perl:5.40
RUN groupadd --gid 10001 app && \
    useradd --no-log-init --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin app
RUN apt-get update && \
    apt-get install -y --no-install-recommends tini && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /srv/list
COPY cpanfile ./
RUN cpanm --installdeps --notest .
COPY --chown=10001:10001 . .
USER 10001:10001
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["plackup", "--server", "Starman", "list.psgi"]
