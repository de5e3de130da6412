/* The serial console of the unix board: a pseudo-terminal that behaves like a board's UART.
 *
 * `_console.serve()` opens a pty, prints the path of its other end to standard output and then runs
 * MicroPython's REPLs on it, as the main loop of a board does: boot.py and main.py first, raw and
 * friendly REPL, a soft reset on Ctrl-D. Until it is called nothing here changes the program.
 *
 * What always holds:
 * - A reader thread plays the part of the receive interrupt. It sees Ctrl-C even when the program
 *   reads nothing and the buffer is full; what does not fit the buffer is dropped, as by a UART.
 * - One call of mp_hal_stdout_tx_strn puts its bytes on the line without a gap, all of them.
 * - A soft reset is exec() of the same program on the same pty: every thread ends, nothing is kept.
 * - When standard input ends the process ends, so that a board never outlives who started it.
 *
 * Locks: receive.mutex and transmit_mutex are leaves. The interpreter's lock is never taken while
 * one of them is held. The reader thread is unknown to MicroPython and never touches its heap.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/runtime/pyexec.h"

#define STATE_VARIABLE "WEFT_CONSOLE" /* survives exec(): "master slave mode" */
#define RECEIVE_BYTES 4096
#define NUDGE_MS 10
#define WAIT_STEP_US 500

int __real_mp_hal_stdin_rx_chr(void);
mp_uint_t __real_mp_hal_stdout_tx_strn(const char *str, size_t len);
void __real_mp_hal_set_interrupt_char(char c);

static struct {
    bool serving;
    int master; /* our end of the pty */
    int slave;  /* held open, so that a disconnected host is no end of file */
    pthread_t main_thread;
    atomic_int interrupt_char; /* -1: none; written by the main thread, read by the reader thread */
} console = {.master = -1, .slave = -1, .interrupt_char = -1};

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;      /* bytes came, or the main thread has an exception pending */
    size_t head, count;          /* guarded by mutex */
    uint8_t data[RECEIVE_BYTES]; /* guarded by mutex */
} receive = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static pthread_mutex_t transmit_mutex = PTHREAD_MUTEX_INITIALIZER;

static bool interrupt_is_pending(void) {
    return MP_STATE_MAIN_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

/* Break the main thread out of a blocking call. A signal that comes just before the call blocks is
 * lost, so the reader thread repeats this until the exception has been taken. */
static void nudge_main_thread(void) {
    pthread_kill(console.main_thread, SIGINT);
    pthread_mutex_lock(&receive.mutex);
    pthread_cond_broadcast(&receive.changed);
    pthread_mutex_unlock(&receive.mutex);
}

static void receive_byte(uint8_t byte) {
    if (byte == atomic_load(&console.interrupt_char)) {
        mp_sched_keyboard_interrupt();
        nudge_main_thread();
        return;
    }
    pthread_mutex_lock(&receive.mutex);
    if (receive.count < RECEIVE_BYTES) {
        receive.data[(receive.head + receive.count++) % RECEIVE_BYTES] = byte;
        pthread_cond_signal(&receive.changed);
    }
    pthread_mutex_unlock(&receive.mutex);
}

static void *reader_main(void *unused) {
    (void)unused;
    sigset_t every_signal;
    sigfillset(&every_signal);
    pthread_sigmask(SIG_SETMASK, &every_signal, NULL);
    struct pollfd lines[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = console.master, .events = POLLIN}};
    for (;;) {
        poll(lines, 2, interrupt_is_pending() ? NUDGE_MS : -1);
        if (interrupt_is_pending()) {
            nudge_main_thread();
        }
        uint8_t bytes[256];
        if (lines[0].revents && read(STDIN_FILENO, bytes, sizeof(bytes)) == 0) {
            _exit(0);
        }
        if (lines[1].revents) {
            ssize_t count = read(console.master, bytes, sizeof(bytes));
            for (ssize_t i = 0; i < count; i++) {
                receive_byte(bytes[i]);
            }
        }
    }
    return NULL;
}

int __wrap_mp_hal_stdin_rx_chr(void) {
    if (!console.serving) {
        return __real_mp_hal_stdin_rx_chr();
    }
    for (;;) {
        int byte = -1;
        MP_THREAD_GIL_EXIT();
        pthread_mutex_lock(&receive.mutex);
        if (receive.count == 0 && !interrupt_is_pending()) {
            pthread_cond_wait(&receive.changed, &receive.mutex);
        }
        if (receive.count > 0) {
            byte = receive.data[receive.head];
            receive.head = (receive.head + 1) % RECEIVE_BYTES;
            receive.count--;
        }
        pthread_mutex_unlock(&receive.mutex);
        MP_THREAD_GIL_ENTER();
        if (byte >= 0) {
            return byte;
        }
        mp_handle_pending(true);
    }
}

static void transmit_locked(const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(console.master, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= written;
        } else if (errno != EINTR) {
            _exit(1);
        }
    }
}

mp_uint_t __wrap_mp_hal_stdout_tx_strn(const char *str, size_t len) {
    if (!console.serving) {
        return __real_mp_hal_stdout_tx_strn(str, len);
    }
    MP_THREAD_GIL_EXIT();
    pthread_mutex_lock(&transmit_mutex);
    transmit_locked(str, len);
    pthread_mutex_unlock(&transmit_mutex);
    MP_THREAD_GIL_ENTER();
    return len;
}

void __wrap_mp_hal_stdout_tx_str(const char *str) {
    __wrap_mp_hal_stdout_tx_strn(str, strlen(str));
}

void __wrap_mp_hal_stdout_tx_strn_cooked(const char *str, size_t len) {
    if (!console.serving) {
        __real_mp_hal_stdout_tx_strn(str, len);
        return;
    }
    MP_THREAD_GIL_EXIT();
    pthread_mutex_lock(&transmit_mutex);
    const char *end = str + len;
    while (str < end) {
        const char *newline = memchr(str, '\n', end - str);
        transmit_locked(str, (newline ? newline : end) - str);
        if (newline) {
            transmit_locked("\r\n", 2);
        }
        str = newline ? newline + 1 : end;
    }
    pthread_mutex_unlock(&transmit_mutex);
    MP_THREAD_GIL_ENTER();
}

/* A board has no standard error: what the interpreter reports goes down the line too. */
static void print_error(void *unused, const char *str, size_t len) {
    (void)unused;
    if (console.serving) {
        __wrap_mp_hal_stdout_tx_strn_cooked(str, len);
    } else {
        fwrite(str, 1, len, stderr);
    }
}

const mp_print_t __wrap_mp_stderr_print = {NULL, print_error};

void console_wait_a_moment(void) {
    mp_handle_pending(true);
    MP_THREAD_GIL_EXIT();
    usleep(WAIT_STEP_US);
    MP_THREAD_GIL_ENTER();
}

void __wrap_mp_hal_set_interrupt_char(char c) {
    if (console.serving) {
        atomic_store(&console.interrupt_char, c == CHAR_CTRL_C ? c : -1);
    } else {
        __real_mp_hal_set_interrupt_char(c);
    }
}

/* MicroPython's own sys.stdin, stdout and stderr for boards, in place of the unix port's files. The
 * linker's --wrap turns each reference to the port's object into one to ours. */
uintptr_t console_stdio_poll(uintptr_t flags);
#undef mp_hal_stdio_poll
#define mp_hal_stdio_poll console_stdio_poll
#define mp_sys_stdin_obj __wrap_mp_sys_stdin_obj
#define mp_sys_stdout_obj __wrap_mp_sys_stdout_obj
#define mp_sys_stderr_obj __wrap_mp_sys_stderr_obj
#include "shared/runtime/sys_stdio_mphal.c"

uintptr_t console_stdio_poll(uintptr_t flags) {
    uintptr_t ready = flags & MP_STREAM_POLL_WR;
    pthread_mutex_lock(&receive.mutex);
    if (receive.count > 0) {
        ready |= flags & MP_STREAM_POLL_RD;
    }
    pthread_mutex_unlock(&receive.mutex);
    return ready;
}

static void on_nudge(int signal) {
    (void)signal;
}

static void open_pty(void) {
    console.master = posix_openpt(O_RDWR | O_NOCTTY);
    if (console.master < 0 || grantpt(console.master) != 0 || unlockpt(console.master) != 0) {
        mp_raise_OSError(errno);
    }
    console.slave = open(ptsname(console.master), O_RDWR | O_NOCTTY);
    struct termios mode;
    if (console.slave < 0 || tcgetattr(console.slave, &mode) != 0) {
        mp_raise_OSError(errno);
    }
    cfmakeraw(&mode);
    tcsetattr(console.slave, TCSANOW, &mode);
    printf("%s\n", ptsname(console.master));
    fflush(stdout);
}

static void start_console(void) {
    const char *state = getenv(STATE_VARIABLE);
    int raw = 0;
    if (state == NULL) {
        open_pty();
    } else if (sscanf(state, "%d %d %d", &console.master, &console.slave, &raw) != 3) {
        mp_raise_ValueError(MP_ERROR_TEXT("the variable WEFT_CONSOLE is damaged"));
    }
    pyexec_mode_kind = raw ? PYEXEC_MODE_RAW_REPL : PYEXEC_MODE_FRIENDLY_REPL;
    console.main_thread = pthread_self();
    struct sigaction action = {.sa_handler = on_nudge};
    sigaction(SIGINT, &action, NULL);
    pthread_t reader;
    int error = pthread_create(&reader, NULL, reader_main, NULL);
    if (error != 0) {
        mp_raise_OSError(error);
    }
    pthread_detach(reader);
    console.serving = true;
}

static void soft_reset(void) {
    static char command_line[4096];
    char *arguments[64] = {NULL};
    FILE *file = fopen("/proc/self/cmdline", "r");
    size_t length = file ? fread(command_line, 1, sizeof(command_line) - 1, file) : 0;
    int count = 0;
    for (char *word = command_line; word < command_line + length && count < 63;
         word += strlen(word) + 1) {
        arguments[count++] = word;
    }
    char state[64];
    snprintf(state, sizeof(state), "%d %d %d", console.master, console.slave,
             pyexec_mode_kind == PYEXEC_MODE_RAW_REPL);
    setenv(STATE_VARIABLE, state, 1);
    mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
    execv("/proc/self/exe", arguments);
    _exit(1);
}

static mp_obj_t console_serve(void) {
    start_console();
    int result = pyexec_file_if_exists("boot.py");
    if (!(result & PYEXEC_FORCED_EXIT) && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
        result = pyexec_file_if_exists("main.py");
    }
    while (!(result & PYEXEC_FORCED_EXIT)) {
        result =
            pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    }
    soft_reset();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(console_serve_obj, console_serve);

static const mp_rom_map_elem_t console_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__console)},
    {MP_ROM_QSTR(MP_QSTR_serve), MP_ROM_PTR(&console_serve_obj)},
};
static MP_DEFINE_CONST_DICT(console_globals, console_globals_table);

const mp_obj_module_t console_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&console_globals,
};
MP_REGISTER_MODULE(MP_QSTR__console, console_module);
