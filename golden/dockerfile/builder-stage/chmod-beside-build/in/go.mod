module example.org/lamp
