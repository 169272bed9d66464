FROM node:20-slim
WORKDIR /srv/shop
COPY . .
CMD ["yarn", "--frozen-lockfile"]
