/* What belongs together: which service builds which Dockerfile, which container runs its image; and the facts that hold over
 * these links. */
#ifndef IRONHULL_LINK_H
#define IRONHULL_LINK_H

#include "project.h"

/* Finds out what belongs together, once all is added: reads, for their facts only, the Dockerfiles that services build and
 * what stands beside a named file; adds companions (the .dockerignore of a Dockerfile, the seccomp profiles beside a
 * compose file), which may be files that do not exist yet. */
void project_link(struct project *project);

/* What is known of the image that a compose service builds: facts of its Dockerfile. is_known is false, with the
 * reason, where there are none. */
struct workload project_service(const struct document *compose, struct str service, struct arena *arena);

/* The same for a container's image. It is linked to the Dockerfile of a service whose image it is, by name; else to one
 * whose folder or service has the image's name; else, where the name can only be one that was built here (no registry, no
 * namespace, no official image), to the only Dockerfile there is. */
struct workload project_container(const struct project *project, struct str image, struct arena *arena);

/* Whether a folder of the image may hold files already, which a mount over it would hide: something is copied into it, or
 * over a parent of it from a context that has it. */
bool project_has_content(const struct project *project, const struct workload *workload, struct str path,
                         struct arena *arena);

#endif
