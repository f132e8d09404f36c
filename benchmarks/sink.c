/* An SMTP server for loopback that takes everything and keeps nothing: one thread, epoll, some 100,000 messages/s.
 *
 *     cc -O2 -o sink sink.c && ./sink --port 0
 *
 * It prints "port N" when it listens, its totals as one line of JSON on SIGUSR1 and when it ends (SIGTERM, SIGINT), and
 * reads the file of --control again on SIGHUP (then it prints "control"). Every option below but --port and --log may
 * stand there too, one "name value" per line, without the dashes. Rates are shares from 0 to 1.
 *
 *   --port N              0: a free one
 *   --log FILE            one line per decision about content: "sent|dropped|refused ADDRESS MESSAGE-ID"
 *   --fsync 1             the log is on the disk before any reply leaves; one fsync for all that arrived together
 *   --rtt-ms X            replies leave X ms behind the commands: the round trip of a distant server
 *   --data-ms X           on top of it at the end of a content: the disk of a distant server
 *   --pipelining 0        and --chunking 0, --eightbit 0, --utf8 0: not offered
 *   --seed N              of the rates
 *   --reject-rate R       these recipients (always the same ones, by the seed) get 550 5.1.1
 *   --defer-rate R        RCPT gets 451, by chance
 *   --greylist-ms X       a recipient gets 450 until X ms after the first time that it was named
 *   --drop-before-rate R  the connection ends at RCPT, without a reply
 *   --drop-after-rate R   the content is accepted and logged as "dropped", then the connection ends without a reply
 *   --hang-rate R         no reply any more from this RCPT on, the connection stays open
 *   --goodbye-every N     421 to the MAIL behind every N messages of a connection
 *   --refuse 1            nobody listens any more and all connections end; 0: listens again on the same port
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { READ = 256 * 1024, LINE = 4096, SIZE = 64 * 1024 * 1024, EVENTS = 512, ADDRESS = 512 };
enum state { COMMAND, CONTENT, CHUNK, DEAF }; /* DEAF: input is thrown away, until the client hangs up */

struct buffer { char *at; size_t begin, end, room; };
struct reply { size_t end; int64_t due; }; /* `end` counts from the first octet of the connection */
struct client {
    int fd, slot;
    enum state state;
    struct buffer in, out;
    size_t out_count;                  /* octets ever taken from `out`, to compare with reply.end */
    struct reply *replies;
    size_t first, replies_count, replies_room;
    size_t searched, chunk_left;
    int chunk_last, said_hello, has_mail, recipients, messages, ending, shut;
    char recipient[ADDRESS];
    struct buffer chunks;              /* what came by BDAT so far */
};
struct option { const char *name; double value; };

static struct option options[] = {
    {"port", 0}, {"fsync", 0}, {"rtt-ms", 0}, {"data-ms", 0}, {"pipelining", 1}, {"chunking", 1}, {"eightbit", 1},
    {"utf8", 1}, {"seed", 1}, {"reject-rate", 0}, {"defer-rate", 0}, {"greylist-ms", 0}, {"drop-before-rate", 0},
    {"drop-after-rate", 0}, {"hang-rate", 0}, {"goodbye-every", 0}, {"refuse", 0},
};
enum { PORT, FSYNC, RTT, DATA_DELAY, PIPELINING, CHUNKING, EIGHTBIT, UTF8, SEED, REJECT, DEFER, GREYLIST, DROP_BEFORE,
       DROP_AFTER, HANG, GOODBYE, REFUSE, OPTIONS };

static struct {
    uint64_t messages, octets, connections, refused, deferred, dropped_before, dropped_after, hung, goodbyes, wrong, fsyncs;
} total;
static struct client **clients;
static size_t clients_count, clients_room;
static int epoll_fd, listen_fd = -1, log_fd = -1, timer_fd, signal_fd;
static const char *control_path;
static struct buffer log_lines;
static int64_t now;
static uint64_t chance_state;

static double option(int which) { return options[which].value; }

static void fail(const char *what) { perror(what); exit(1); }

static int64_t clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Buffers ------------------------------------------------------------------------------------------------------- */

static char *make_room(struct buffer *b, size_t more) {
    if (b->begin && (b->begin == b->end || b->end + more > b->room)) {
        memmove(b->at, b->at + b->begin, b->end - b->begin);
        b->end -= b->begin;
        b->begin = 0;
    }
    if (b->end + more > b->room) {
        b->room = (b->end + more) * 2;
        if (!(b->at = realloc(b->at, b->room))) fail("realloc");
    }
    return b->at + b->end;
}

static void append(struct buffer *b, const char *text, size_t length) {
    memcpy(make_room(b, length), text, length);
    b->end += length;
}

/* Chance -------------------------------------------------------------------------------------------------------- */

static double share(uint64_t x) { /* splitmix64, as a number from 0 to 1 */
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return (double)((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}

static int happens(int rate) { return option(rate) > 0 && share(chance_state++) < option(rate); }

static uint64_t hash_of(const char *text) { /* FNV-1a */
    uint64_t h = 1469598103934665603ULL;
    for (; *text; text++) h = (h ^ (unsigned char)tolower((unsigned char)*text)) * 1099511628211ULL;
    return h ? h : 1;
}

/* When each recipient was named first: a hash table that doubles. */
static struct seen { uint64_t hash; int64_t at; } *seen;
static size_t seen_count, seen_room;

static struct seen *find_seen(uint64_t hash) {
    size_t i = hash & (seen_room - 1);
    while (seen[i].hash && seen[i].hash != hash) i = (i + 1) & (seen_room - 1);
    return &seen[i];
}

static int64_t first_seen(uint64_t hash) {
    if (seen_count * 2 >= seen_room) {
        struct seen *old = seen;
        size_t room = seen_room;
        seen_room = room ? room * 2 : 4096;
        if (!(seen = calloc(seen_room, sizeof *seen))) fail("calloc");
        for (size_t i = 0; i < room; i++) if (old[i].hash) *find_seen(old[i].hash) = old[i];
        free(old);
    }
    struct seen *found = find_seen(hash);
    if (!found->hash) { *found = (struct seen){hash, now}; seen_count++; }
    return found->at;
}

/* Replies ------------------------------------------------------------------------------------------------------- */

static void reply_later(struct client *c, double extra_ms, const char *text) {
    int64_t due = now + (int64_t)((option(RTT) + extra_ms) * 1e6);
    append(&c->out, text, strlen(text));
    size_t end = c->out_count + (c->out.end - c->out.begin);
    struct reply *last = c->replies_count > c->first ? &c->replies[c->replies_count - 1] : NULL;
    if (last && last->due >= due) { last->end = end; return; } /* in order, never before an earlier one */
    if (c->first == c->replies_count) c->first = c->replies_count = 0;
    if (c->replies_count == c->replies_room) {
        c->replies_room = c->replies_room ? c->replies_room * 2 : 8;
        if (!(c->replies = realloc(c->replies, c->replies_room * sizeof *c->replies))) fail("realloc");
    }
    c->replies[c->replies_count++] = (struct reply){end, due};
}

static void reply(struct client *c, const char *text) { reply_later(c, 0, text); }

static void hang_up(struct client *c) { c->state = DEAF; c->ending = 1; } /* behind the replies that wait */

static void forget(struct client *c) {
    close(c->fd);
    clients[c->slot] = clients[--clients_count];
    clients[c->slot]->slot = c->slot;
    free(c->in.at); free(c->out.at); free(c->chunks.at); free(c->replies); free(c);
}

/* Send what is due. False when the connection is gone. */
static int flush(struct client *c) {
    while (c->first < c->replies_count && c->replies[c->first].due <= now) {
        size_t length = c->replies[c->first].end - c->out_count;
        ssize_t sent = send(c->fd, c->out.at + c->out.begin, length, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return 1; /* the client reads nothing: tried again soon */
        if (sent < 0) { forget(c); return 0; }
        c->out.begin += sent;
        c->out_count += sent;
        if ((size_t)sent == length) c->first++;
    }
    if (c->ending && !c->shut && c->first == c->replies_count) {
        shutdown(c->fd, SHUT_WR); /* not close: unread input would reset the connection and eat the last reply */
        c->shut = 1;
    }
    return 1;
}

#include "sink_smtp.h"

/* Read once. False when the connection is gone. */
static int listen_to(struct client *c) {
    char *room = make_room(&c->in, READ);
    ssize_t length = recv(c->fd, room, READ, 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
    if (length <= 0) { forget(c); return 0; }
    c->in.end += length;
    work(c);
    return 1;
}

/* The loop ------------------------------------------------------------------------------------------------------ */

static void watch(int fd, void *what) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void greet_all(void) {
    for (int fd, one = 1; (fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct client *c = calloc(1, sizeof *c);
        if (clients_count == clients_room) {
            clients_room = clients_room ? clients_room * 2 : 64;
            clients = realloc(clients, clients_room * sizeof *clients);
        }
        if (!c || !clients) fail("memory");
        c->fd = fd;
        clients[c->slot = clients_count++] = c;
        total.connections++;
        reply(c, "220 sink.example ESMTP\r\n");
        watch(fd, c);
    }
}

static void open_door(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int one = 1;
    address.sin_port = htons((int)option(PORT));
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listen_fd, (void *)&address, sizeof address) || listen(listen_fd, 1024)) fail("listen");
    getsockname(listen_fd, (void *)&address, &length);
    options[PORT].value = ntohs(address.sin_port);
    watch(listen_fd, &listen_fd);
}

static void close_door(void) {
    close(listen_fd);
    listen_fd = -1;
    while (clients_count) forget(clients[0]);
}

static int set_option(const char *name, const char *value) {
    for (int i = 0; i < OPTIONS; i++)
        if (!strcmp(options[i].name, name)) { options[i].value = atof(value); return 1; }
    return 0;
}

static void obey_control(void) {
    char name[64], value[64];
    FILE *file = control_path ? fopen(control_path, "r") : NULL;
    if (!file) return;
    while (fscanf(file, "%63s %63s", name, value) == 2) if (strcmp(name, "port")) set_option(name, value);
    fclose(file);
    if (option(REFUSE) && listen_fd >= 0) close_door();
    else if (!option(REFUSE) && listen_fd < 0) open_door();
    puts("control");
}

static void tell(void) {
#define FIELD(name) #name "\": %llu, \""
    printf("{\"" FIELD(messages) FIELD(octets) FIELD(connections) FIELD(refused) FIELD(deferred) FIELD(dropped_before)
           FIELD(dropped_after) FIELD(hung) FIELD(goodbyes) FIELD(wrong) FIELD(fsyncs) "open\": %zu}\n",
           (unsigned long long)total.messages, (unsigned long long)total.octets, (unsigned long long)total.connections,
           (unsigned long long)total.refused, (unsigned long long)total.deferred,
           (unsigned long long)total.dropped_before, (unsigned long long)total.dropped_after,
           (unsigned long long)total.hung, (unsigned long long)total.goodbyes, (unsigned long long)total.wrong,
           (unsigned long long)total.fsyncs, clients_count);
    fflush(stdout);
}

static void save_log(void) {
    for (size_t done = 0; done < log_lines.end;) {
        ssize_t written = write(log_fd, log_lines.at + done, log_lines.end - done);
        if (written < 0) fail("log");
        done += written;
    }
    if (log_lines.end && option(FSYNC)) { if (fdatasync(log_fd)) fail("fdatasync"); total.fsyncs++; }
    log_lines.end = 0;
}

/* Every reply that is due leaves; the timer is set to the next one. */
static void flush_all(void) {
    int64_t next = 0;
    now = clock_ns();
    for (size_t i = clients_count; i-- > 0;) {
        struct client *c = clients[i];
        if (c->first == c->replies_count && c->ending == c->shut) continue;
        if (!flush(c) || c->first == c->replies_count) continue;
        int64_t due = c->replies[c->first].due;
        if (due <= now) due = now + 1000000; /* its client reads nothing */
        if (!next || due < next) next = due;
    }
    struct itimerspec timer = {.it_value = {next / 1000000000LL, next % 1000000000LL}};
    timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &timer, NULL);
}

static int obey_signal(void) { /* false: end */
    struct signalfd_siginfo info;
    if (read(signal_fd, &info, sizeof info) != sizeof info) return 1;
    if (info.ssi_signo == SIGHUP) { obey_control(); fflush(stdout); }
    else if (info.ssi_signo == SIGUSR1) tell();
    else return 0;
    return 1;
}

static void loop(void) {
    struct epoll_event events[EVENTS];
    for (uint64_t ticks;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS, -1), door = 0, timer = 0, signalled = 0;
        now = clock_ns();
        for (int i = 0; i < count; i++) {
            void *what = events[i].data.ptr;
            if (what == &listen_fd) door = 1;
            else if (what == &timer_fd) timer = 1;
            else if (what == &signal_fd) signalled = 1;
            else listen_to(what);
        }
        if (timer && read(timer_fd, &ticks, sizeof ticks) < 0 && errno != EAGAIN) fail("timer");
        if (door) greet_all();
        save_log();
        flush_all();
        if (signalled && !obey_signal()) return; /* last: it may forget clients that have events */
    }
}

int main(int count, char **words) {
    const char *log_path = NULL;
    for (int i = 1; i + 1 < count; i += 2) {
        if (!strcmp(words[i], "--log")) log_path = words[i + 1];
        else if (!strcmp(words[i], "--control")) control_path = words[i + 1];
        else if (strncmp(words[i], "--", 2) || !set_option(words[i] + 2, words[i + 1])) {
            fprintf(stderr, "unknown option %s\n", words[i]);
            return 2;
        }
    }
    sigset_t signals;
    sigemptyset(&signals);
    for (int i = 0; i < 4; i++) sigaddset(&signals, (int[]){SIGHUP, SIGUSR1, SIGTERM, SIGINT}[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (log_path && (log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0644)) < 0) fail(log_path);
    epoll_fd = epoll_create1(0);
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    signal_fd = signalfd(-1, &signals, SFD_NONBLOCK);
    chance_state = (uint64_t)option(SEED) << 32;
    now = clock_ns();
    watch(timer_fd, &timer_fd);
    watch(signal_fd, &signal_fd);
    open_door();
    printf("port %d\n", (int)option(PORT));
    fflush(stdout);
    loop();
    tell();
    return 0;
}
