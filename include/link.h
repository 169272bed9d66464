/* What belongs together: which service builds which Dockerfile, which container runs its image; and the facts that hold
 * over these links. */
#ifndef IRONHULL_LINK_H
#define IRONHULL_LINK_H

#include "merged.h"

/* Finds out what belongs together, once all is added: reads, for their facts only, the Dockerfiles that services build
 * and what stands beside a named file; adds companions (see companion.h). */
void project_link(struct project *project);

/* What is known of the image that a compose service runs: facts of the Dockerfile that it builds or that another
 * service builds under that name, else those of a public image, as of a Dockerfile that is nothing but `FROM` it: its
 * path is empty then. is_known is false, with the reason, where there are none; of a public image it has a stage then
 * too. */
struct workload project_service(const struct project *project, const struct merged *merged, struct arena *arena);

/* The same for the image of a container of a manifest, by its name: see image_link_find. */
struct workload project_container(const struct project *project, const struct document *manifest, struct str image,
                                  struct arena *arena);

/* Why the image of a stage must stay root's, one clause: a service or a pod gives its program what only root gets.
 * {NULL, 0} where nothing says so. */
struct str project_needs_root(const struct document *dockerfile, const struct stage *stage);

/* Why the image of a stage must stay root's, one clause: a service that builds it, and does not say who runs it, gives
 * it a command that only root can run. {NULL, 0} where none does, or where that is not known. */
struct str project_commands_obstacle(const struct project *project, const struct document *dockerfile,
                                     const struct stage *stage, struct arena *arena);

/* The folders of a stage's image at which services mount volumes that it may write to, absolute, each once; those that
 * the workload has among its own, and those of the system, are not among them. */
struct str_list project_volumes(const struct document *dockerfile, const struct workload *workload,
                                struct arena *arena);

/* Whether a folder of the image may hold files already, which a mount over it would hide: it is the system's, or
 * something is copied into it, or over a parent of it from a context that has it. */
bool project_has_content(const struct project *project, const struct workload *workload, struct str path,
                         struct arena *arena);

#endif
