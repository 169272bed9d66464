module example.org/ping-server
