FROM ruby:3.3-slim AS builder
WORKDIR /srv/shop
COPY . .
RUN bundle install

FROM ruby:3.3-slim
RUN groupadd --gid 10001 app && \
    useradd --no-log-init --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin app
RUN apt-get update && \
    apt-get install -y --no-install-recommends tini && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /srv/shop
COPY --from=builder --chown=10001:10001 /srv/shop ./
COPY --from=builder /usr/local/bundle /usr/local/bundle
USER 10001:10001
ENTRYPOINT ["/usr/bin/tini", "--"]
# what is installed already is only started
CMD ["bundle", "exec", "puma"]
