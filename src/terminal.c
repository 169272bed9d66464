#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value && *value;
}

/* A terminal that moves its cursor, and knows colours. */
static bool is_terminal(FILE *out) {
    const char *term = getenv("TERM");
    return isatty(fileno(out)) && (!term || strcmp(term, "dumb") != 0);
}

bool terminal_has_color(FILE *out, enum color color) {
    if (color != COLOR_AUTO)
        return color == COLOR_ALWAYS;
    if (is_set("NO_COLOR"))
        return false;
    const char *forced = getenv("CLICOLOR_FORCE");
    return (forced && *forced && strcmp(forced, "0") != 0) || is_terminal(out);
}

uint32_t terminal_width(FILE *out) {
    enum { LEAST = 60, USUAL = 80, MOST = 120 };
    struct winsize size;
    if (!isatty(fileno(out)))
        return 0;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL;
    return size.ws_col < LEAST ? LEAST : size.ws_col > MOST ? MOST : size.ws_col;
}

/* --- progress ------------------------------------------------------------------------------------------------------
 */

enum { QUIET_MS = 500, BETWEEN_MS = 100 };

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_step(struct progress *progress, struct str path) {
    uint64_t now = now_ms();
    progress->n++;
    if (!progress->started)
        progress->started = now;
    if (now - progress->started < QUIET_MS || now - progress->drawn < BETWEEN_MS)
        return;
    progress->drawn = now;
    if (!is_terminal(stderr))
        return;
    progress->is_shown = true;
    char line[60]; /* of a line that is not broken, what does not drive the terminal */
    int n = snprintf(line, sizeof line, "%u files, %.*s", progress->n, STR_ARG(path));
    for (int i = 0; i < n && i < (int)sizeof line - 1; i++)
        if (line[i] < ' ' || line[i] > '~')
            line[i] = '?';
    fprintf(stderr, "\r\033[K%s", line);
}

void progress_clear(struct progress *progress) {
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_shown = false;
}
