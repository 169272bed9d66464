/* Entries of a service's security_opt. */
#ifndef IRONHULL_SECURITY_OPTIONS_H
#define IRONHULL_SECURITY_OPTIONS_H

#include "rules_compose.h"

/* An entry, which engines cut at its first "=", or where there is none at its first ":" (moby, daemon/daemon_unix.go,
 * parseSecurityOpt). */
struct security_option {
    struct str key, value; /* the value is empty where nothing is cut */
};

struct security_option security_option_of(const struct yaml_node *entry);
/* Whether an entry says the same, whatever separates it. */
bool security_option_is(const struct yaml_node *entry, struct security_option option);

/* Gives a finding the unsafe fix that removes every entry that says so, and the key with the last one; where that
 * cannot be done, the finding's message says why. */
void security_options_remove(const struct service *service, struct security_option option, struct finding *finding);

#endif
