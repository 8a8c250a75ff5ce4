/** How a column's text becomes a Field. */
export type FieldKind =
  | 'boolean'
  | 'long'
  | 'double'
  | 'decimal'
  | 'string'
  | 'blob'
  | 'time'
  | 'timestamptz';

/** A PostgreSQL type that the Data API can return. */
export interface ResultType {
  readonly typeName: string;
  /** `java.sql.Types` code, which is what `ColumnMetadata.type` carries. */
  readonly jdbcType: number;
  /** Kind of the value, or of each element of an array. */
  readonly kind: FieldKind;
  readonly isArray: boolean;
  /** `java.sql.Types` code of an array's elements; 0 for anything else. */
  readonly arrayBaseColumnType: number;
}

const JDBC_ARRAY = 2003;

/** oid, oid of the array type, name, java.sql.Types code, kind. */
const SCALARS: readonly (readonly [number, number, string, number, FieldKind])[] = [
  [16, 1000, 'bool', -7, 'boolean'],
  [17, 1001, 'bytea', -2, 'blob'],
  [19, 1003, 'name', 12, 'string'],
  [20, 1016, 'int8', -5, 'long'],
  [21, 1005, 'int2', 5, 'long'],
  [23, 1007, 'int4', 4, 'long'],
  [25, 1009, 'text', 12, 'string'],
  [26, 1028, 'oid', -5, 'long'],
  [114, 199, 'json', 1111, 'string'],
  [700, 1021, 'float4', 7, 'double'],
  [701, 1022, 'float8', 8, 'double'],
  [1042, 1014, 'bpchar', 1, 'string'],
  [1043, 1015, 'varchar', 12, 'string'],
  [1082, 1182, 'date', 91, 'string'],
  [1083, 1183, 'time', 92, 'time'],
  [1114, 1115, 'timestamp', 93, 'time'],
  [1184, 1185, 'timestamptz', 93, 'timestamptz'],
  [1700, 1231, 'numeric', 2, 'decimal'],
  [2950, 2951, 'uuid', 1111, 'string'],
  [3802, 3807, 'jsonb', 1111, 'string'],
];

/** `select pg_sleep(1)` and the like return void, which has one value: the empty string. */
const VOID: ResultType = {
  typeName: 'void',
  jdbcType: 1111,
  kind: 'string',
  isArray: false,
  arrayBaseColumnType: 0,
};

const BY_OID: ReadonlyMap<number, ResultType> = new Map([
  [2278, VOID] as const,
  ...SCALARS.flatMap(([oid, arrayOid, typeName, jdbcType, kind]) => {
    const scalar = { typeName, jdbcType, kind, isArray: false, arrayBaseColumnType: 0 };
    const array = {
      typeName: `_${typeName}`,
      jdbcType: JDBC_ARRAY,
      kind,
      isArray: true,
      arrayBaseColumnType: jdbcType,
    };
    return [[oid, scalar] as const, [arrayOid, array] as const];
  }),
]);

/**
 * @returns undefined for everything AWS refuses with `UnsupportedResultException`: geometric,
 * monetary, interval, timetz, "char", reg* types, ranges, enums, domains over them, composites
 */
export function resultType(oid: number): ResultType | undefined {
  return BY_OID.get(oid);
}

/** Types that AWS names in capitals; it names all others as the catalog does. */
const CAPITALIZED: ReadonlySet<string> = new Set(
  'interval timetz money point line lseg box path polygon circle inet cidr macaddr bit varbit'.split(
    ' ',
  ),
);

/** A catalog type name as it appears in the message of `UnsupportedResultException`. */
export function unsupportedTypeName(typname: string): string {
  if (typname === 'char') return '"CHAR"';
  return CAPITALIZED.has(typname) ? typname.toUpperCase() : typname;
}
