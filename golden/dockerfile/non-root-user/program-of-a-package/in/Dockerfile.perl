FROM perl:5.40
WORKDIR /srv/list
COPY cpanfile ./
RUN cpanm --installdeps --notest .
COPY . .
CMD ["plackup", "--server", "Starman", "list.psgi"]
