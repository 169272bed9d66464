FROM ruby:3.3-slim
WORKDIR /srv/shop
COPY . .
RUN bundle install
# what is installed already is only started
CMD ["bundle", "exec", "puma"]
