package ai.consilium.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The network between a broker and its clients: a relay on its advertised port that can be cut or slow. While it is cut no byte
 * passes and no connection ends, as where packets are dropped; brokers reach each other all the same.
 */
final class BrokerLink implements AutoCloseable {
    private static final int PIECE = 64 * 1024;
    private static final Duration LOOK = Duration.ofMillis(50);

    private final InetSocketAddress broker;
    private final AsynchronousServerSocketChannel server;
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "link");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<AsynchronousSocketChannel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile Duration delay = Duration.ZERO;

    /**
     * Relays from now on.
     *
     * @param port that clients connect to
     * @param broker port that the broker listens on
     */
    BrokerLink(int port, int broker) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        this.broker = new InetSocketAddress(here, broker);
        this.server = AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(here, port));
        accept();
    }

    /** Lets nothing pass until {@link #restore}. */
    void cut() {
        cut = true;
    }

    /** Lets every piece of at most 64 KiB wait so long, in both directions, until {@link #restore}. */
    void slowDown(Duration byPiece) {
        delay = byPiece;
    }

    /** Lets all pass at once again, first what waits. */
    void restore() {
        cut = false;
        delay = Duration.ZERO;
    }

    private void accept() {
        server.accept(null, new Then<>() {
            @Override
            public void completed(AsynchronousSocketChannel client, Void none) {
                accept();
                open.add(client);
                connect(client);
            }
        });
    }

    private void connect(AsynchronousSocketChannel client) {
        try {
            AsynchronousSocketChannel onward = AsynchronousSocketChannel.open();
            open.add(onward);
            onward.connect(broker, null, new Then<Void>(client, onward) {
                @Override
                public void completed(Void connected, Void none) {
                    relay(client, onward, ByteBuffer.allocate(PIECE));
                    relay(onward, client, ByteBuffer.allocate(PIECE));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void relay(AsynchronousSocketChannel from, AsynchronousSocketChannel to, ByteBuffer piece) {
        from.read(piece.clear(), null, new Then<Integer>(from, to) {
            @Override
            public void completed(Integer bytes, Void none) {
                if (bytes < 0) {
                    end();
                } else {
                    passOn(from, to, piece.flip());
                }
            }
        });
    }

    private void passOn(AsynchronousSocketChannel from, AsynchronousSocketChannel to, ByteBuffer piece) {
        Duration wait = delay;
        if (cut) {
            after(LOOK, () -> passOn(from, to, piece));
        } else if (wait.isZero()) {
            write(from, to, piece);
        } else {
            after(wait, () -> write(from, to, piece));
        }
    }

    private void after(Duration wait, Runnable task) {
        var unused = later.schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void write(AsynchronousSocketChannel from, AsynchronousSocketChannel to, ByteBuffer piece) {
        to.write(piece, null, new Then<Integer>(from, to) {
            @Override
            public void completed(Integer bytes, Void none) {
                if (piece.hasRemaining()) {
                    write(from, to, piece);
                } else {
                    relay(from, to, piece);
                }
            }
        });
    }

    private void close(AsynchronousSocketChannel channel) {
        open.remove(channel);
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        later.shutdownNow();
        open.forEach(this::close);
    }

    /** What comes next; when it cannot, both ends are closed, as a connection that is reset. */
    private abstract class Then<T> implements CompletionHandler<T, Void> {
        private final AsynchronousSocketChannel[] ends;

        Then(AsynchronousSocketChannel... ends) {
            this.ends = ends;
        }

        void end() {
            for (AsynchronousSocketChannel end : ends) {
                close(end);
            }
        }

        @Override
        public void failed(Throwable problem, Void none) {
            end();
        }
    }
}
