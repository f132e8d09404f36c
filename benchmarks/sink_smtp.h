/* What the sink understands of SMTP: RFC 5321, 2920 (PIPELINING), 3030 (CHUNKING). A part of sink.c, which includes it
 * behind its buffers, its chance and its replies. Input may be cut anywhere: `work` takes steps as long as it can. */

/* Contents ------------------------------------------------------------------------------------------------------ */

static void log_decision(const struct client *c, const char *what, const char *content, size_t length) {
    if (log_fd < 0) return;
    const char *id = "-", *end = content + length;
    size_t id_length = 1;
    for (const char *line = content; line < end && *line != '\r';) {
        const char *stop = memchr(line, '\n', end - line);
        if (!stop) stop = end;
        if (stop - line > 11 && !strncasecmp(line, "Message-ID:", 11)) {
            for (id = line + 11; id < stop && isspace((unsigned char)*id);) id++;
            for (id_length = 0; id + id_length < stop && !isspace((unsigned char)id[id_length]);) id_length++;
            if (id_length || stop == end) break;
            stop = memchr(id = stop + 1, '\n', end - stop - 1); /* folded: it stands alone on the next line */
            if (!stop) stop = end;
            while (id < stop && isspace((unsigned char)*id)) id++;
            while (id + id_length < stop && !isspace((unsigned char)id[id_length])) id_length++;
            break;
        }
        line = stop + 1;
    }
    char *at = make_room(&log_lines, ADDRESS + id_length + 32);
    log_lines.end += sprintf(at, "%s %s %.*s\n", what, c->recipient, (int)id_length, id);
}

static void end_transaction(struct client *c) {
    c->has_mail = c->recipients = c->chunk_last = 0;
    c->chunks.begin = c->chunks.end = 0;
}

static void accept_content(struct client *c, const char *content, size_t length) {
    if (length > SIZE) { reply(c, "552 5.3.4 Too big\r\n"); end_transaction(c); return; }
    total.messages++;
    total.octets += length;
    c->messages++;
    int dropped = happens(DROP_AFTER);
    log_decision(c, dropped ? "dropped" : "sent", content, length);
    if (dropped) { total.dropped_after++; hang_up(c); }
    else reply_later(c, option(DATA_DELAY), "250 2.0.0 Ok: queued\r\n");
    end_transaction(c);
}

/* Commands ------------------------------------------------------------------------------------------------------ */

static void say_hello(struct client *c, int extended) {
    char text[512] = "250 sink.example\r\n";
    if (extended)
        sprintf(text, "250-sink.example\r\n%s%s%s%s250-ENHANCEDSTATUSCODES\r\n250 SIZE %d\r\n",
                option(PIPELINING) ? "250-PIPELINING\r\n" : "", option(EIGHTBIT) ? "250-8BITMIME\r\n" : "",
                option(UTF8) ? "250-SMTPUTF8\r\n" : "", option(CHUNKING) ? "250-CHUNKING\r\n" : "", SIZE);
    c->said_hello = 1;
    end_transaction(c);
    reply(c, text);
}

static void take_mail(struct client *c, const char *line) {
    const char *size = strcasestr(line, " SIZE=");
    if (option(GOODBYE) > 0 && c->messages >= option(GOODBYE)) {
        total.goodbyes++;
        reply(c, "421 4.3.2 Enough for this connection\r\n");
        hang_up(c);
    } else if (!c->said_hello || c->has_mail) {
        total.wrong++;
        reply(c, "503 5.5.1 Bad sequence of commands\r\n");
    } else if (size && atoll(size + 6) > SIZE) reply(c, "552 5.3.4 Too big\r\n");
    else { c->has_mail = 1; reply(c, "250 2.1.0 Ok\r\n"); }
}

static void take_recipient(struct client *c, const char *line) {
    const char *begin = strchr(line, '<'), *end = begin ? strrchr(line, '>') : NULL;
    if (!c->has_mail || !end) { total.wrong++; reply(c, "503 5.5.1 Bad sequence of commands\r\n"); return; }
    snprintf(c->recipient, sizeof c->recipient, "%.*s", (int)(end - begin - 1), begin + 1);
    uint64_t hash = hash_of(c->recipient);
    if (happens(DROP_BEFORE)) { total.dropped_before++; hang_up(c); return; }
    if (happens(HANG)) { total.hung++; c->state = DEAF; return; }
    if (option(REJECT) > 0 && share(hash ^ (uint64_t)option(SEED)) < option(REJECT)) {
        total.refused++;
        log_decision(c, "refused", "", 0);
        reply(c, "550 5.1.1 No such mailbox\r\n");
    } else if (option(GREYLIST) > 0 && now < first_seen(hash) + (int64_t)(option(GREYLIST) * 1e6)) {
        total.deferred++;
        reply(c, "450 4.7.1 Greylisted, try again later\r\n");
    } else if (happens(DEFER)) {
        total.deferred++;
        reply(c, "451 4.3.0 Try again later\r\n");
    } else { c->recipients++; reply(c, "250 2.1.5 Ok\r\n"); }
}

static void begin_chunk(struct client *c, const char *line) {
    char *rest;
    c->chunk_left = strtoull(line + 4, &rest, 10);
    if (!option(CHUNKING) || rest == line + 4) { /* how long it is cannot be known: RFC 3030 section 4.2 */
        total.wrong++;
        reply(c, "501 5.5.4 Syntax: BDAT size [LAST]\r\n");
        hang_up(c);
        return;
    }
    while (*rest == ' ') rest++;
    c->chunk_last = !strcasecmp(rest, "LAST");
    c->state = CHUNK;
}

static void obey(struct client *c, const char *line) {
    if (!strncasecmp(line, "MAIL FROM:", 10)) take_mail(c, line);
    else if (!strncasecmp(line, "RCPT TO:", 8)) take_recipient(c, line);
    else if (!strncasecmp(line, "BDAT ", 5)) begin_chunk(c, line);
    else if (!strcasecmp(line, "DATA")) {
        if (c->recipients) { c->state = CONTENT; c->searched = 0; reply(c, "354 Go ahead\r\n"); }
        else reply(c, c->has_mail ? "554 5.5.1 No valid recipients\r\n" : "503 5.5.1 Bad sequence of commands\r\n");
    }
    else if (!strncasecmp(line, "EHLO ", 5)) say_hello(c, 1);
    else if (!strncasecmp(line, "HELO ", 5)) say_hello(c, 0);
    else if (!strcasecmp(line, "RSET")) { end_transaction(c); reply(c, "250 2.0.0 Ok\r\n"); }
    else if (!strncasecmp(line, "NOOP", 4)) reply(c, "250 2.0.0 Ok\r\n");
    else if (!strcasecmp(line, "QUIT")) { reply(c, "221 2.0.0 Bye\r\n"); hang_up(c); }
    else { total.wrong++; reply(c, "500 5.5.2 Unknown command\r\n"); }
}

/* Each of these takes one step from the input; false when it needs more octets. */

static int step_command(struct client *c) {
    char *begin = c->in.at + c->in.begin, *end = memchr(begin, '\n', c->in.end - c->in.begin);
    if (!end && c->in.end - c->in.begin > LINE) { total.wrong++; hang_up(c); return 1; }
    if (!end) return 0;
    c->in.begin += end - begin + 1;
    if (end == begin || end[-1] != '\r') { total.wrong++; reply(c, "500 5.5.2 Bare line feed\r\n"); return 1; }
    end[-1] = 0;
    obey(c, begin);
    return 1;
}

static int step_content(struct client *c) {
    char *begin = c->in.at + c->in.begin;
    size_t length = c->in.end - c->in.begin;
    size_t from = c->searched > 4 ? c->searched - 4 : 0, size = 0; /* the end may lie across two reads */
    if (length < 3 || memcmp(begin, ".\r\n", 3)) {
        char *end = memmem(begin + from, length - from, "\r\n.\r\n", 5);
        c->searched = length;
        if (!end) return 0;
        size = end - begin + 2;
    }
    c->in.begin += size + 3;
    c->state = COMMAND;
    accept_content(c, begin, size);
    return 1;
}

static int step_chunk(struct client *c) {
    size_t there = c->in.end - c->in.begin, size = there < c->chunk_left ? there : c->chunk_left;
    char *begin = c->in.at + c->in.begin, text[64];
    if (there < c->chunk_left || !c->chunk_last || c->chunks.end) { /* else it is the whole content in one piece */
        append(&c->chunks, begin, size);
        begin = NULL;
    }
    c->in.begin += size;
    c->chunk_left -= size;
    if (c->chunk_left) return 0;
    c->state = COMMAND;
    if (!c->recipients) { end_transaction(c); reply(c, "503 5.5.1 No valid recipients\r\n"); }
    else if (!c->chunk_last) { sprintf(text, "250 2.0.0 %zu octets\r\n", size); reply(c, text); }
    else accept_content(c, begin ? begin : c->chunks.at, begin ? size : c->chunks.end);
    return 1;
}

static void work(struct client *c) {
    for (int more = 1; more && c->in.begin < c->in.end;) switch (c->state) {
        case COMMAND: more = step_command(c); break;
        case CONTENT: more = step_content(c); break;
        case CHUNK: more = step_chunk(c); break;
        case DEAF: c->in.begin = c->in.end = 0; break;
    }
    if (c->state == CHUNK && !c->chunk_left) step_chunk(c); /* BDAT 0 LAST has no octets to wait for */
}
