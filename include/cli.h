/* The command line. */
#ifndef IRONHULL_CLI_H
#define IRONHULL_CLI_H

/* Runs the program; gives its exit code: 0 nothing to do, or done; 1 --check found something; 2 bad usage or input. */
int cli_main(int argc, char **argv);

#endif
