open("uploads/a", "a").write("x")
