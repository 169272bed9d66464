/* docker-run and smoke-test: scripts of sh. */
#include "emit_parts.h"

static void add_comments(struct buf *out, const struct run *run) {
    buf_printf(out, "\n# %.*s\n", STR_ARG(run->title));
    for (uint32_t i = 0; i < run->left.n; i++)
        buf_printf(out, "%s%.*s", i ? ", " : "# not said here: ", STR_ARG(run->left.at[i]));
    if (run->left.n)
        buf_byte(out, '\n');
    if (run->profile.n)
        buf_printf(out, "# made by: ironhull --emit=seccomp:%.*s >%.*s\n", STR_ARG(run->runtime),
                   STR_ARG(plain_text(out->arena, run->profile)));
}

/* Flags, image and words: the flags a line each. */
static void add_flags(struct buf *out, const struct run *run, enum flag_use without, const char *indent,
                      struct str image) {
    for (uint32_t i = 0; i < run->flags.n; i++)
        if (run->flags.at[i].use != without)
            buf_printf(out, " \\\n%s%.*s", indent, STR_ARG(run->flags.at[i].word));
    buf_printf(out, " \\\n%s%.*s", indent, STR_ARG(image));
    for (uint32_t i = 0; i < run->words.n; i++)
        buf_printf(out, " %.*s", STR_ARG(run->words.at[i]));
    buf_byte(out, '\n');
}

void docker_run_add(struct emit *emit, const struct run *run) {
    struct buf *out = &emit->out;
    add_comments(out, run);
    for (uint32_t i = 0; i < run->build.n; i++)
        buf_printf(out, "%s%.*s%s", i ? " " : "# docker build ", STR_ARG(plain_text(emit->arena, run->build.at[i])),
                   i + 1 == run->build.n ? "\n" : "");
    buf_printf(out, "docker run --detach --name=%.*s", STR_ARG(run->name));
    add_flags(out, run, FLAG_TEST, "  ", run->image);
}

void smoke_test_add(struct emit *emit, const struct run *run) {
    struct buf *out = &emit->out;
    const struct run_facts *facts = &run->facts;
    add_comments(out, run);
    buf_printf(out, "if chosen %.*s %.*s; then\n\tstart", STR_ARG(run->name), STR_ARG(run->image));
    add_flags(out, run, FLAG_RUN, "\t\t", STR("\"$image\""));
    if (facts->uid.n)
        buf_printf(out, "\texpect_user %.*s%s%.*s\n", STR_ARG(facts->uid), facts->gid.n ? " " : "",
                   STR_ARG(facts->gid));
    if (facts->has_capabilities)
        buf_printf(out, "\texpect_capabilities 0x%016llx\n", (unsigned long long)facts->capabilities);
    if (facts->gains_nothing)
        buf_add(out, STR("\texpect_no_new_privileges\n"));
    if (facts->has_filter)
        buf_add(out, STR("\texpect_seccomp\n"));
    if (facts->init.n)
        buf_printf(out, "\texpect_init %.*s\n", STR_ARG(facts->init));
    if (facts->is_read_only)
        buf_add(out, STR("\texpect_read_only\n"));
    for (uint32_t i = 0; i < facts->writable.n; i++)
        buf_printf(out, "\texpect_writable %.*s\n", STR_ARG(facts->writable.at[i]));
    buf_add(out, STR("\texpect_up"));
    for (uint32_t i = 0; i < facts->ports.list.n; i++)
        buf_printf(out, " %.*s", STR_ARG(facts->ports.list.at[i]));
    buf_add(out, STR("\nfi\n"));
}
