FROM golang:1.24-trixie AS builder
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /tool .

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=builder /tool /tool
EXPOSE 9000
ENTRYPOINT ["/tool"]
