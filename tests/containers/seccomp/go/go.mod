module example.org/workload

go 1.24
