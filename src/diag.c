#include "diag.h"

static void add(struct diags *diags, struct str path, struct position at, const char *format, va_list args) {
    *vec_push(diags->arena, &diags->list) =
        (struct diag){str_dup(diags->arena, path), at, str_vprintf(diags->arena, format, args)};
}

void diag_at(struct diags *diags, struct source *source, uint32_t offset, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(diags, source->path, source_position(source, offset), format, args);
    va_end(args);
}

void diag_file(struct diags *diags, struct str path, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(diags, path, (struct position){0, 0}, format, args);
    va_end(args);
}
