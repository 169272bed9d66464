echo listening
sleep 1000
