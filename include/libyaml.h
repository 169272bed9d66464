/* libyaml's own <yaml.h>, which this folder's yaml.h hides on the include path. */
#ifndef IRONHULL_LIBYAML_H
#define IRONHULL_LIBYAML_H

/* #include_next is an extension of GCC and clang */
#pragma GCC system_header
#include_next <yaml.h>

#endif
