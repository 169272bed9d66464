/* The names by which images are asked for, and the Dockerfiles that they lead to. */
#ifndef IRONHULL_IMAGE_LINK_H
#define IRONHULL_IMAGE_LINK_H

#include "project.h"

/* The Dockerfile that an image's name leads to, and how it is built. */
struct origin {
    struct document *dockerfile; /* NULL where it is not at hand */
    const struct build *build;   /* NULL where nothing but the Dockerfile is known */
    bool is_public;              /* it is known as an image that is built elsewhere */
    struct str reason;           /* why there is none, one clause; {NULL, 0} where there is one, or it is public */
};

/* Fills the project's tables, once the builds are complete. */
void image_links_make(struct project *project);

/* What the configuration of a document says builds an image, else what some service builds under its name; NULL where
 * none does, or where several do and differ. */
const struct build *image_link_built(const struct project *project, const struct document *document, struct str image);

/* By the name that a manifest asks for: the Dockerfile that its configuration gives it; else the Dockerfile of a
 * service whose image it is; else one whose folder or service has the image's name; else, where the name can only be
 * one that was built here (no registry, no namespace, no official image), the only Dockerfile there is. A tag may be a
 * variable. */
struct origin image_link_find(const struct project *project, const struct document *manifest, struct str image,
                              struct arena *arena);

#endif
