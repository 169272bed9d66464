print("listening")
