package ai.consilium.fetch;

import ai.consilium.platform.objects.ObjectRefusedException;
import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Location;
import java.io.IOException;
import java.io.InputStream;

/** Files in a bucket. The SDK bounds how long the server may be silent. */
final class BucketSource implements Source {
    private final S3Location location;
    private final S3Bucket bucket;

    BucketSource(SourceAddress.Bucket address, S3Bucket bucket) {
        this.location = address.location();
        this.bucket = bucket;
    }

    @Override
    public Rest open(String path, long from) throws IOException {
        try {
            S3Bucket.Rest rest = bucket.open(location.resolve(path).prefix(), from);
            return new Rest(rest.bytes(), from, rest.length());
        } catch (ObjectRefusedException refused) {
            if (refused.beyondEnd() && from > 0) {
                return new Rest(InputStream.nullInputStream(), from, from);
            }
            throw new FetchException(location + ": " + path + ": " + refused.getMessage(), refused);
        }
    }

    @Override
    public void close() {
        bucket.close();
    }
}
