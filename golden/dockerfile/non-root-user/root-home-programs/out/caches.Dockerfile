FROM node:20-slim AS builder
WORKDIR /app
COPY . .
RUN npm ci && rm -rf /root/.npm ~/.cache

FROM node:20-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends tini && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder --chown=1000:1000 /app ./
USER 1000:1000
ENTRYPOINT ["/usr/bin/tini", "--", "docker-entrypoint.sh"]
CMD ["node", "server.js"]
