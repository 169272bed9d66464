FROM golang:1.22-bookworm
WORKDIR /app
COPY . .
SHELL ["/bin/bash", "-c"]
RUN go build -o server .
CMD ["./server"]
