// zlib's streams behind functions without macros. libxml2 brings the library along on every system.
#ifndef HEDDLE_CZLIB_H
#define HEDDLE_CZLIB_H
#include <stddef.h>
#include <stdlib.h>
#include <zlib.h>

// NULL when there is no memory.
static inline z_stream *heddle_deflate_new(void) {
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream != NULL && deflateInit(stream, Z_DEFAULT_COMPRESSION) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void heddle_deflate_free(z_stream *stream) {
    deflateEnd(stream);
    free(stream);
}

// Compresses from the front of `input`, sets `*used` to how many bytes that took, and `*made` to
// how many bytes came of it. Returns 1 when a finished stream is complete, else 0.
static inline int heddle_deflate(
    z_stream *stream, const unsigned char *input, size_t count, size_t *used, unsigned char *output, size_t capacity,
    size_t *made, int finish
) {
    stream->next_in = (unsigned char *)input;
    stream->avail_in = (uInt)count;
    stream->next_out = output;
    stream->avail_out = (uInt)capacity;
    int result = deflate(stream, finish ? Z_FINISH : Z_NO_FLUSH);
    *used = count - stream->avail_in;
    *made = capacity - stream->avail_out;
    return result == Z_STREAM_END;
}

static inline z_stream *heddle_inflate_new(void) {
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream != NULL && inflateInit(stream) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void heddle_inflate_free(z_stream *stream) {
    inflateEnd(stream);
    free(stream);
}

// gzip's format instead of zlib's own; used and freed as the others are.
static inline z_stream *heddle_gzip_new(void) {
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream != NULL
        && deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline z_stream *heddle_gunzip_new(void) {
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream != NULL && inflateInit2(stream, 15 + 16) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

// Makes a stream that has ended ready for the next part of its file.
static inline void heddle_gunzip_again(z_stream *stream) { inflateReset(stream); }

// As heddle_deflate. Returns 1 at the end of the stream, 0 when there is more, -1 when it is damaged.
static inline int heddle_inflate(
    z_stream *stream, const unsigned char *input, size_t count, size_t *used, unsigned char *output, size_t capacity,
    size_t *made
) {
    stream->next_in = (unsigned char *)input;
    stream->avail_in = (uInt)count;
    stream->next_out = output;
    stream->avail_out = (uInt)capacity;
    int result = inflate(stream, Z_NO_FLUSH);
    *used = count - stream->avail_in;
    *made = capacity - stream->avail_out;
    if (result == Z_STREAM_END) return 1;
    return result == Z_OK || result == Z_BUF_ERROR ? 0 : -1;
}
#endif
