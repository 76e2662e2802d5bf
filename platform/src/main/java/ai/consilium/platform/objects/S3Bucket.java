package ai.consilium.platform.objects;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket. An object is there whole or not at all, and whoever asks after a write sees it. The SDK tries again what a network
 * broke. Credentials stay within the SDK, and no message holds any. Thread-safe.
 */
public final class S3Bucket implements AutoCloseable {
    private static final int PRECONDITION_FAILED = 412;
    /** Two conditional writes of one object met; the server asks to try again. */
    private static final int CONFLICT = 409;

    private static final int NOT_FOUND = 404;
    private static final Set<Integer> REFUSALS = Set.of(400, 401, 403, NOT_FOUND, 416);
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final int ATTEMPTS = 5;

    private final S3Client client;
    private final String bucket;

    /** @throws IOException when the SDK lacks something, such as a region */
    public S3Bucket(S3Settings settings, String bucket) throws IOException {
        this.bucket = bucket;
        try {
            this.client = client(settings);
        } catch (SdkException e) {
            throw refused("cannot be reached", e);
        }
    }

    private static S3Client client(S3Settings settings) {
        UrlConnectionHttpClient.Builder http = UrlConnectionHttpClient.builder();
        S3ClientBuilder builder = S3Client.builder()
                .forcePathStyle(settings.pathStyle())
                // Not every server knows the newer checksums; what is kept here carries hashes of its own.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        if (!settings.endpoint().isEmpty()) {
            URI endpoint = URI.create(settings.endpoint());
            builder.endpointOverride(endpoint).region(Region.US_EAST_1);
            if (LOOPBACK.contains(endpoint.getHost())) {
                http.proxyConfiguration(ProxyConfiguration.builder()
                        .useSystemPropertyValues(false)
                        .useEnvironmentVariablesValues(false)
                        .build());
            }
        }
        if (!settings.region().isEmpty()) {
            builder.region(Region.of(settings.region()));
        }
        return builder.httpClientBuilder(http).build();
    }

    /** The content of an object; empty when there is none. */
    public Optional<byte[]> get(String key) throws IOException {
        try {
            return Optional.of(
                    client.getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArrayUnsafe());
        } catch (NoSuchKeyException none) {
            return Optional.empty();
        } catch (SdkException e) {
            throw refused("cannot read " + key, e);
        }
    }

    /**
     * The rest of an object, while it is read.
     *
     * @param bytes to the end
     * @param length of the whole object
     */
    public record Rest(InputStream bytes, long length) {}

    /**
     * Reads an object from a byte on.
     *
     * @throws ObjectRefusedException when there is none, or no right to it
     */
    public Rest open(String key, long from) throws IOException {
        try {
            ResponseInputStream<GetObjectResponse> answer = client.getObject(get -> {
                get.bucket(bucket).key(key);
                if (from > 0) {
                    get.range("bytes=" + from + "-");
                }
            });
            return new Rest(answer, from + answer.response().contentLength());
        } catch (NoSuchKeyException none) {
            throw new ObjectRefusedException("s3://" + bucket + ": has no " + key, NOT_FOUND, none);
        } catch (SdkException e) {
            throw refused("cannot read " + key, e);
        }
    }

    /** Writes an object, over what was there. */
    public void put(String key, byte[] content) throws IOException {
        try {
            client.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromBytes(content));
        } catch (SdkException e) {
            throw refused("cannot write " + key, e);
        }
    }

    /**
     * Writes an object unless there is one: of several that do so at once, one succeeds.
     *
     * @return false when there was one
     */
    public boolean putIfAbsent(String key, byte[] content) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                client.putObject(put -> put.bucket(bucket).key(key).ifNoneMatch("*"), RequestBody.fromBytes(content));
                return true;
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    return false;
                }
                if (e.statusCode() != CONFLICT || attempt == ATTEMPTS) {
                    throw refused("cannot write " + key, e);
                }
            } catch (SdkException e) {
                throw refused("cannot write " + key, e);
            }
        }
    }

    /** @throws IOException when a part of the bucket cannot be listed: there is no such bucket, or no right to */
    public void requireReadable(S3Location location) throws IOException {
        try {
            client.listObjectsV2(
                    list -> list.bucket(bucket).prefix(location.prefix() + "/").maxKeys(1));
        } catch (SdkException e) {
            throw refused("cannot be listed", e);
        }
    }

    /** Keys of the objects whose keys begin so, in the order of their bytes. */
    public List<String> list(String prefix) throws IOException {
        try {
            return client.listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix)).contents().stream()
                    .map(S3Object::key)
                    .toList();
        } catch (SdkException e) {
            throw refused("cannot list " + prefix, e);
        }
    }

    /** Removes objects, one after the other; those that are not there are none the worse. */
    public void delete(Collection<String> keys) throws IOException {
        for (String key : keys) {
            try {
                client.deleteObject(delete -> delete.bucket(bucket).key(key));
            } catch (SdkException e) {
                throw refused("cannot remove " + key, e);
            }
        }
    }

    private IOException refused(String what, SdkException e) {
        String why = e instanceof S3Exception answer && answer.statusCode() == NOT_FOUND
                ? "there is no such bucket"
                : String.valueOf(e.getMessage());
        String message = "s3://" + bucket + ": " + what + ": " + why;
        return e instanceof S3Exception answer && REFUSALS.contains(answer.statusCode())
                ? new ObjectRefusedException(message, answer.statusCode(), e)
                : new IOException(message, e);
    }

    @Override
    public void close() {
        client.close();
    }
}
