FROM node:20-slim
WORKDIR /app
COPY . .
RUN npm ci && rm -rf /root/.npm ~/.cache
CMD ["node", "server.js"]
