open("logs/serve.log", "a").write("up")
