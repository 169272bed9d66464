/* Entries of a service's security_opt. */
#ifndef IRONHULL_SECURITY_OPTIONS_H
#define IRONHULL_SECURITY_OPTIONS_H

#include "rules_compose.h"

/* What an entry says, and whether it says the same as `option`, whatever separates its parts. */
struct compose_option security_option_of(const struct service *service, const struct yaml_node *entry);
bool security_option_is(const struct service *service, const struct yaml_node *entry, struct compose_option option);

/* Gives a finding the unsafe fix that removes every entry that says so, and the key with the last one; where that
 * cannot be done, the finding's message says why. */
void security_options_remove(const struct service *service, struct compose_option option, struct finding *finding);

#endif
