FROM --platform=linux/amd64 golang:1.22-bookworm
WORKDIR /app
COPY . .
RUN go build -o server .
CMD ["./server"]
