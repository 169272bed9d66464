/* What other tools make manifests of: Helm its templates (helm.sh/docs/chart_template_guide), kustomize its patches and
 * images (kubectl.docs.kubernetes.io/references/kustomize). */
#ifndef IRONHULL_RENDER_H
#define IRONHULL_RENDER_H

#include "project.h"

/* Finds the manifests that are templates of charts, and what kustomizations in the folders of manifests say of these.
 */
void render_join(struct project *project);

/* Where a template begins in the text of a manifest that is no YAML for it ({{, {%, <%); the text's length where there
 * is none. */
uint32_t render_mark(struct str text);

/* The image that is deployed under a name of a manifest, once the kustomization of its folder has changed it. */
struct str render_image(const struct document *manifest, struct str image, struct arena *arena);

#endif
