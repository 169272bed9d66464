FROM node:20-slim
WORKDIR /srv/shop
COPY . .
CMD ["npm", "run", "as-node"]
