# ironhull alone, as a static program: docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/work" ironhull -w .
FROM debian:bookworm-slim AS build
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
        gcc libc6-dev libjansson-dev libpcre2-dev libyaml-dev meson ninja-build pkg-config && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN meson setup /build --buildtype=release -Dprefer_static=true -Dc_link_args=-static-pie -Dtests=disabled -Dman=disabled && \
    ninja -C /build ironhull && \
    strip /build/ironhull

FROM docker.io/library/debian:12-slim AS tini
RUN apt-get update && \
    apt-get install -y --no-install-recommends tini && \
    rm -rf /var/lib/apt/lists/*

FROM scratch
COPY --from=tini /usr/bin/tini-static /usr/local/bin/tini
COPY --from=build /build/ironhull /usr/bin/ironhull
WORKDIR /work
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/tini", "--", "/usr/bin/ironhull"]
CMD ["--help"]
